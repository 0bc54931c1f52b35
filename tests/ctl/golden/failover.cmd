failover dslite --for 10m
