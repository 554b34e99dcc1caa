"""A Kafka cluster and its clients in one process, with time and faults as a test says.

cluster.py  what brokers do: logs, transactions, the group, committed offsets
clients.py  what kafka-python does on top, the traps of kafka-python included

The worker's own code for Kafka runs on them unchanged (consumer/kafka/clients.py).
"""
