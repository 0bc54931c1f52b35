check /a.conf
