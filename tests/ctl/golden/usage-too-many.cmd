status pppoe
