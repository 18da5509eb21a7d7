#!/bin/sh
# scandium.sh SUITE NUMBER CLIENT_CID SERVER_CID: records Scandium with itself into scandium_<number>_<client>_<server>.txt.
# Takes the jars of Eclipse Californium 4.0.0-M6 that Leshan's client brings along (tests/interop/leshan).
set -eu
suite=$1 number=$2 client=$3 server=$4
here=$(cd "$(dirname "$0")" && pwd)
jars=$(find ~/.m2/repository/org/eclipse/californium -name 'scandium-4.0.0-M6.jar' -o -name 'element-connector-4.0.0-M6.jar')
jars="$jars $(find ~/.m2/repository/org/slf4j -name 'slf4j-api-2.*.jar' -o -name 'slf4j-nop-2.*.jar')"
path=$(echo $jars | tr ' ' ':')
work=$(mktemp -d)
javac -cp "$path" -d "$work" "$here/Scandium.java"
out=scandium_${number}_${client}_$server.txt
cd "$work"
python3 "$here/relay.py" "$here/$out" 7683 7684 keys.log "Scandium 4.0.0-M6 with itself, $suite" \
    "cipher_suite $number" "client_cid_length $client" "server_cid_length $server" \
    "client up to the server" "client up to the server" "server down to the client" "server down to the client" &
relay=$!
java -cp "$path:$work" Scandium 7683 7684 keys.log "$suite" "$client" "$server"
wait $relay
rm -r "$work"
