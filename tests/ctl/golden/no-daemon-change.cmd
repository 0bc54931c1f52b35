failover dslite
