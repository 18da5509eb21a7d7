#!/bin/bash
# A Bootstrap-Server on the libraries of Eclipse Leshan, from Maven Central. Needs a JDK (17 or later) and Maven.
#   bootstrap_server.sh get                   downloads the libraries and compiles BootstrapServer.java, if that is not done
#   bootstrap_server.sh server [options]      runs it, with the current folder for its files; its options are explained there
# Both go to $LWM2M_LESHAN_DIR, by default ~/.cache/lwm2m-console/leshan.
set -euo pipefail

folder=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
here=$folder/bootstrap_server
program=BootstrapServer
kept_as=bootstrap-server-
source "$folder/library.sh"

case ${1:-} in
  get) get ;;
  server)
    shift
    run "$@"
    ;;
  *)
    sed -n '2,5p' "${BASH_SOURCE[0]}" >&2
    exit 2
    ;;
esac
