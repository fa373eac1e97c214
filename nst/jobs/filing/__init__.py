"""Where bytes are kept: a folder, or an object store with copies on this machine."""
