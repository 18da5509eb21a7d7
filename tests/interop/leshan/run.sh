#!/bin/bash
# Clients of Eclipse Leshan, from Maven Central. Needs a JDK (17 or later) and Maven.
#   run.sh get                     downloads the libraries and compiles Client.java, if that is not done yet
#   run.sh client [options]        runs Client.java; its options are explained there
# Both go to $LWM2M_LESHAN_DIR, by default ~/.cache/lwm2m-console/leshan.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
program=Client
source "$here/library.sh"

case ${1:-} in
  get) get ;;
  client)
    shift
    run "$@"
    ;;
  *)
    sed -n '2,5p' "${BASH_SOURCE[0]}" >&2
    exit 2
    ;;
esac
