check dualpath.conf
