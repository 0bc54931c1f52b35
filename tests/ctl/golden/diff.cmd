diff new.conf
