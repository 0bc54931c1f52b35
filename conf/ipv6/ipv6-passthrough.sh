#!/bin/sh
# IPv6 for the home, for a line that gives one /64 by router advertisement and delegates nothing: the home's machines stand
# on the line itself with IPv6, and with nothing else.  No address is translated, and no daemon is needed.
#
#   wan0 --- br-wan === wan6/lan6 === br-lan --- the home          ipv6-passthrough.nft lets only IPv6 over the middle
#
# Run at boot, before dualpathd.  dualpath.conf then has "interface = br-wan" for DS-Lite and PPPoE.
set -eu
WAN=wan0
LAN=br-lan
RULES=${0%/*}/ipv6-passthrough.nft

# The line goes on knowing us by the address of the card.
ip link add br-wan address "$(cat "/sys/class/net/$WAN/address")" type bridge mcast_snooping 0
ip link add wan6 type veth peer name lan6
modprobe -q nf_conntrack_bridge || :
nft -f "$RULES"
# What is ours on the line is br-wan's from now on.
ip addr flush dev "$WAN"
sysctl -qw "net.ipv6.conf.$WAN.disable_ipv6=1" net.ipv6.conf.wan6.disable_ipv6=1 net.ipv6.conf.lan6.disable_ipv6=1
# We stand on the line once, not a second time through the home.
sysctl -qw net.ipv6.conf.br-wan.accept_ra=2 "net.ipv6.conf.$LAN.accept_ra=0"
ip link set "$WAN" master br-wan up
ip link set wan6 master br-wan up
ip link set lan6 master "$LAN" up
ip link set br-wan up
