# shellcheck shell=bash
# provider.sh: the provider's server in the internet, over https alone: it tells how IPv4 goes over the line (HB46PP), and takes the
# registrations of a fixed-IP tunnel's end.
#
# Owns: $LAB_STATE/tls, its authority and certificate, which home then believes and no other; $LAB_STATE/provider, what runs for each
# request; and the files below. Sourced by line.sh.
#
#   provisioning        what it answers to who asks; @PREFIX@ is the asking address's; without the file, 404
#   provisioning.log    the address of each question, and the question
#   update-query        the registration that is good, percent-encoded as it comes: username=U&password=P, or empty for /basic
#   update.log          the address and the query of each registration

provider_up() { # once the line is up; for tests that want it
	provider_certificates && provider_program || return
	mkdir -p /etc/netns/home/ssl/certs # what ip netns exec has in place of /etc/ssl
	cp "$LAB_STATE/tls/authority.crt" /etc/netns/home/ssl/certs/ca-certificates.crt
	rm -f "$LAB_STATE/provisioning"
	: > "$LAB_STATE/update.log"
	: > "$LAB_STATE/provisioning.log"
	listening inet t "$UPDATE_PORT" || provider_start
}

provider_start() {
	ns_spawn inet provider socat "OPENSSL-LISTEN:$UPDATE_PORT,pf=ip6,cert=$LAB_STATE/tls/server.pem,verify=0,reuseaddr,fork" \
		"EXEC:$LAB_STATE/provider"
	wait_for 10 listening inet t "$UPDATE_PORT"
}


provider_certificates() {
	local dir=$LAB_STATE/tls key='ec -pkeyopt ec_paramgen_curve:P-256 -nodes'
	[ ! -e "$dir/server.pem" ] || return 0
	mkdir -p "$dir"
	# shellcheck disable=SC2086 # words
	{
		openssl req -x509 -newkey $key -keyout "$dir/authority.key" -out "$dir/authority.crt" -days 2 -subj "/CN=lab authority" &&
			openssl req -newkey $key -keyout "$dir/server.key" -out "$dir/server.csr" -subj "/CN=$UPDATE_NAME" &&
			openssl x509 -req -in "$dir/server.csr" -CA "$dir/authority.crt" -CAkey "$dir/authority.key" -CAcreateserial -days 2 \
				-out "$dir/server.crt" -extfile <(echo "subjectAltName=DNS:$UPDATE_NAME")
	} 2> "$LAB_STATE/tls.log" || { line_log "no certificate: $(cat "$LAB_STATE/tls.log")"; return 1; }
	cat "$dir/server.crt" "$dir/server.key" > "$dir/server.pem"
}

# A relay that knows the home's end has it from here alone.
provider_program() {
	local login
	login=$(printf '%s:%s' "$PPP_USER2" "$PPP_PASSWORD2" | base64)
	cat > "$LAB_STATE/provider" <<-EOF
		#!/bin/sh
		cr=\$(printf '\\r')
		say() { printf 'HTTP/1.1 %s\\r\\nConnection: close\\r\\n\\r\\n%s\\n' "\$1" "\$2"; exit; }
		read -r method target version
		while read -r header && [ "\$header" != "\$cr" ]; do
			[ "\${header%% *}" != Authorization: ] || login=\${header#* }
		done
		a=\$(echo "\$SOCAT_PEERADDR" | sed 's/[][]//g; s/:0*\\([0-9a-f]\\)/:\\1/g; s/:0:0:/::/')
		path=\${target%%\\?*} query=\${target#"\$path"} query=\${query#\\?}
		case \$path in
		/provisioning)
			echo "\$a \$query" >> $LAB_STATE/provisioning.log
			[ -e $LAB_STATE/provisioning ] || say '404 Not Found'
			say '200 OK' "\$(sed "s/@PREFIX@/\$(echo "\$a" | cut -d: -f1-4)/" $LAB_STATE/provisioning)"
			;;
		/basic) [ "\$login" = "Basic $login\$cr" ] || say '401 Unauthorized' ;;
		/request) ;;
		*) say '404 Not Found' ;;
		esac
		echo "\$a \$query" >> $LAB_STATE/update.log
		[ "\$query" = "\$(cat $LAB_STATE/update-query)" ] || say '200 OK' "NG \$query"
		ip -n bras link set br0 type ip6tnl mode ipip6 local $BR remote "\$a" encaplimit none && say '200 OK' OK
	EOF
	chmod 755 "$LAB_STATE/provider"
}
