#!/bin/sh
# openssl.sh SUITE NUMBER: records s_client with s_server into openssl_<number>.txt.
set -eu
suite=$1 number=$2
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
cd "$work"
psk="-psk 000102030405060708090a0b0c0d0e0f"
case $suite in
PSK*) credentials="-nocert $psk" ;;
*)
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout key.pem -out cert.pem -days 9 \
        -subj /CN=localhost 2>/dev/null
    credentials="-key key.pem -cert cert.pem"
    psk=""
    ;;
esac
(sleep 3; echo "down to the client"; sleep 2) |
    timeout 8 openssl s_server -dtls1_2 -port 7684 $credentials -cipher "$suite:@SECLEVEL=0" -quiet >/dev/null 2>&1 &
sleep 0.5
python3 "$here/relay.py" "$here/openssl_$number.txt" 7683 7684 keys.log \
    "$(openssl version | cut -d' ' -f1,2), s_client with s_server, $suite" \
    "cipher_suite $number" "client up to the server" "server down to the client" &
relay=$!
sleep 0.5
(sleep 1; echo "up to the server"; sleep 3) |
    openssl s_client -dtls1_2 -connect 127.0.0.1:7683 $psk -cipher "$suite:@SECLEVEL=0" -keylogfile keys.log \
    >/dev/null 2>&1 || true
wait $relay
rm -r "$work"
