/// The shell scripts that make a network namespace behave like a small machine.
///
/// A real DHCP client edits files of the system it runs on: `/etc/resolv.conf`, `/var/lib/dhcp`. The
/// machine therefore has a mount namespace in which `/etc` is a tmpfs of links to the host's files,
/// with files of its own where clients write, and is started as
/// `unshare --mount --uts sh machine.sh DIRECTORY CLIENT INTERFACE HOSTNAME`.
enum MachineScript {
    /// Sets the machine up, runs the client until it has a lease or gives up, writes the client's exit
    /// status to DIRECTORY/result and then stays, so that `instance exec` finds the machine.
    static let machine = #"""
        #!/bin/sh
        set -u
        dir=$1 client=$2 interface=$3 name=$4
        fail() { echo "$1" >&2; echo 125 > "$dir/result.new"; mv "$dir/result.new" "$dir/result"; exit 1; }
        mount --make-rprivate / || fail "cannot make mounts private"
        hostname "$name"
        mkdir -p "$dir/etc"
        mount --bind /etc "$dir/etc" && mount -t tmpfs -o mode=755 tmpfs /etc || fail "cannot mount /etc"
        for entry in "$dir"/etc/*; do
            case ${entry##*/} in
                resolv.conf | passwd | group | hostname | fstab | dhcpcd.conf | dhcpcd.duid) ;;
                *) ln -s "$entry" "/etc/${entry##*/}" ;;
            esac
        done
        echo 'root:x:0:0:root:/root:/bin/sh' > /etc/passwd
        echo 'root:x:0:' > /etc/group
        echo "$name" > /etc/hostname
        : > /etc/resolv.conf
        : > /etc/fstab
        # noarp: nobody else can have the address, and probing for it takes five seconds.
        cat > /etc/dhcpcd.conf <<END
        hostname
        clientid
        noarp
        option domain_name_servers, domain_name, domain_search, classless_static_routes, interface_mtu
        option ntp_servers, host_name
        END
        for place in /var/lib/dhcp /var/lib/dhcpcd /var/lib/dhcpcd5 /var/db; do
            [ -d "$place" ] && mount -t tmpfs -o mode=755 tmpfs "$place"
        done
        # Control sockets of dhcpcd are named after the interface, which is eth0 everywhere.
        mkdir -p /run/dhcpcd && mount -t tmpfs -o mode=755 tmpfs /run/dhcpcd
        ip link set lo up
        ip link set "$interface" up || fail "cannot bring $interface up"
        # Ten tries, two seconds apart: a lost DISCOVER must not decide.
        case $client in
            udhcpc) busybox=$(command -v udhcpc || echo busybox udhcpc)
                $busybox -i "$interface" -s "$dir/udhcpc.script" -p "$dir/udhcpc.pid" \
                    -x "hostname:$name" -O mtu -O staticroutes -O search -t 10 -T 2 -A 1 -n ;;
            dhclient) dhclient -4 -v -1 -pf "$dir/dhclient.pid" -lf "$dir/dhclient.leases" "$interface" ;;
            dhclient-6)
                # The client binds to the link-local address, which must have passed DAD (RFC 4862).
                for _ in $(seq 50); do
                    ip -6 address show dev "$interface" scope link | grep inet6 | grep -qv tentative && break
                    sleep 0.1
                done
                dhclient -6 -v -1 -pf "$dir/dhclient-6.pid" -lf "$dir/dhclient-6.leases" "$interface"
                ;;
            dhcpcd) dhcpcd -4 -w -t 30 "$interface" ;;
            none) true ;;
            *) fail "no such client: $client" ;;
        esac
        echo $? > "$dir/result.new"
        mv "$dir/result.new" "$dir/result"
        exec sleep infinity
        """#

    /// What udhcpc runs at each event (udhcpc(8)): address, MTU, routes and resolver, as a cloud image's
    /// own script does.
    static let udhcpc = #"""
        #!/bin/sh
        case $1 in
            deconfig) ip -4 address flush dev "$interface"; ip link set "$interface" up ;;
            bound | renew)
                [ -n "${mtu:-}" ] && ip link set "$interface" mtu "$mtu"
                ip -4 address replace "$ip/${mask:-32}" ${broadcast:+broadcast "$broadcast"} dev "$interface" \
                    valid_lft "${lease:-forever}" preferred_lft "${lease:-forever}"
                for old in $(ip -4 address show dev "$interface" | sed -n 's/^ *inet \([^ ]*\).*/\1/p'); do
                    [ "$old" = "$ip/${mask:-32}" ] || ip -4 address del "$old" dev "$interface"
                done
                if [ -n "${staticroutes:-}" ]; then # RFC 3442: option 121 replaces the router option
                    set -- $staticroutes
                    while [ $# -ge 2 ]; do
                        if [ "$2" = 0.0.0.0 ]; then
                            ip -4 route replace "$1" dev "$interface"
                        else
                            ip -4 route replace "$1" via "$2" dev "$interface" onlink
                        fi
                        shift 2
                    done
                else
                    for gateway in ${router:-}; do
                        ip -4 route replace default via "$gateway" dev "$interface" onlink
                        break
                    done
                fi
                {
                    [ -n "${search:-${domain:-}}" ] && echo "search ${search:-$domain}"
                    for server in ${dns:-}; do echo "nameserver $server"; done
                } > /etc/resolv.conf
                ;;
        esac
        """#
}
