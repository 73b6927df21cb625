"""A Pulumi provider named `aws` for a local cloud: the same resource classes, another endpoint.

    wire.py      protocol values: unknown, secret, plain
    schema/      how each served type behaves, as data
    check.py     inputs of a program -> checked inputs, or failures
    diff.py      old and new inputs -> changes, in place or by replacement
    preview.py   what the outputs will be, before anything is created
    state.py     what the cloud answered -> outputs and inputs of the state
    cloud.py     the one place that speaks to AWS (imports botocore on the first call)
    handlers/    create, read, update and delete per type; one file per AWS service
    invokes/     data source functions
    server.py    the gRPC service that ties them together
    lookup.py    finds what an interrupted create left behind
    unanswered.py  which requests are not repeated when a connection breaks

Everything but cloud.py, handlers/ and invokes/ is pure, and a preview runs on that part alone.
"""
