failover --help
