check --json /x/bad.conf
