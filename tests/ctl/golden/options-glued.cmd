failover --for=10m dslite
