failover dslit
