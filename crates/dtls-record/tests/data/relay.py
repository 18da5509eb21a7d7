#!/usr/bin/env python3
"""Records one DTLS exchange between two other programs as a text file.

usage: relay.py OUT PORT SERVER_PORT KEYLOG "COMMENT" "FIELD VALUE"...

Datagrams are passed between the client, which talks to PORT, and the server at SERVER_PORT until two seconds pass in
silence. The randoms are read from the hellos and the master secret from the key log that one of the programs wrote.
"""
import select
import socket
import sys

out, port, server_port, keylog, comment, *fields = sys.argv[1:]
near = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
near.bind(("127.0.0.1", int(port)))
far = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
far.connect(("127.0.0.1", int(server_port)))

datagrams, client = [], None
while True:
    ready, _, _ = select.select([near, far], [], [], 2 if datagrams else 15)
    if not ready:
        break
    if near in ready:
        data, client = near.recvfrom(65536)
        datagrams.append((">", data))
        far.send(data)
    if far in ready:
        data = far.recv(65536)
        datagrams.append(("<", data))
        near.sendto(data, client)


def random_of(direction, message):
    """The random of the last hello: record header 13, handshake header 12, version 2."""
    hellos = [d for way, d in datagrams if way == direction and d[0] == 22 and d[3:5] == b"\0\0" and d[13] == message]
    return hellos[-1][27:59].hex()


client_random, server_random = random_of(">", 1), random_of("<", 2)
secrets = [line.split() for line in open(keylog) if line.startswith("CLIENT_RANDOM")]
secret = next(words[2] for words in secrets if words[1].lower() == client_random)
with open(out, "w") as file:
    print(f"# {comment}", file=file)
    print(f"client_random {client_random}\nserver_random {server_random}\nmaster_secret {secret.lower()}", file=file)
    for field in fields:
        print(field, file=file)
    for way, data in datagrams:
        print(way, data.hex(), file=file)
print(out, len(datagrams), "datagrams")
