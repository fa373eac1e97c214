"""How alembic runs the revisions: within the transaction that `nst.jobs.database.migrate` has opened."""

from alembic import context

from nst.jobs.schema import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata)
context.run_migrations()
