reconnect pppoe
