"""What is said: the contracts of every topic.

`schemas.events` is what banks tell Tenure, `schemas.outputs` what Tenure tells them,
`schemas.cloudevents` how both travel, `schemas.generate` writes docs/contracts from them.
"""
