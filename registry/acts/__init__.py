"""Use cases, as the command line, the API and the demo call them: typed arguments in, one or more operations out.

An act names its idempotency key and its document. It is tried against the chain before anything is signed, so that a
refusal comes with rule and values and costs nothing; then it goes through the outbox, which never does it twice.
"""
