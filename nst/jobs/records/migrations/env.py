"""How alembic runs the revisions: within the transaction that `migrate` has opened."""

from alembic import context

from nst.jobs.records.schema import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata)
context.run_migrations()
