"""The worker's ports on Apache Kafka, by kafka-python."""
