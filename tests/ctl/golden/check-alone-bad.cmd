check bad.conf
