"""Sample pictures: photographs that come with scikit-image, and style pictures painted by this package.

`catalogue` lists both and is cheap to import. `painters` knows the code behind each style picture;
`python -m nst.gallery OUT_DIR` paints them all.
"""
