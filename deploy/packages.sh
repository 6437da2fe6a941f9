# Installs lists of Debian packages; to be sourced by bash.
#   install_packages build test     what is missing of deploy/packages.d/build and deploy/packages.d/test

packages_folder=$(cd "$(dirname "${BASH_SOURCE[0]}")/packages.d" && pwd)

as_root() {
  if [ "$(id -u)" -eq 0 ]; then
    "$@"
  elif command -v sudo >/dev/null; then
    sudo "$@"
  else
    echo "this needs root, or sudo: $*" >&2
    return 1
  fi
}

missing_packages() {
  local package
  for package in $(cd "$packages_folder" && sed 's/#.*//' "$@" | sort -u); do
    [ "$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null)" = installed ] || echo "$package"
  done
}

# What apt says is of use when it fails, and noise otherwise.
quiet_apt() {
  local said status=0
  said=$(as_root env DEBIAN_FRONTEND=noninteractive apt-get -q -o DPkg::Lock::Timeout=600 "$@" 2>&1) || status=$?
  [ $status -eq 0 ] || printf '%s\n' "$said" >&2
  return $status
}

# A broker that somebody did not ask for must not begin to listen on their machine: its service is neither started while it is
# installed nor at the next boot. A policy that the machine already has is left alone.
brokers='mosquitto|rabbitmq-server|activemq|ejabberd'

install_packages() {
  local missing policy=/usr/sbin/policy-rc.d policy_is_ours=no status=0
  command -v dpkg-query >/dev/null || { echo "no Debian: install what deploy/packages.d names yourself" >&2; return 0; }
  missing=$(missing_packages "$@")
  [ -n "$missing" ] || { echo "every package is there"; return 0; }
  echo "installing:" $missing

  if grep -qxE "$brokers" <<<"$missing" && [ ! -e "$policy" ]; then
    policy_is_ours=yes
    printf '#!/bin/sh\ncase $1 in %s|epmd) exit 101 ;; esac\nexit 0\n' "$brokers" | as_root tee "$policy" >/dev/null
    as_root chmod 755 "$policy"
  fi
  quiet_apt update && quiet_apt install -y --no-install-recommends $missing || status=$?
  [ $policy_is_ours = no ] || as_root rm -f "$policy"
  if [ $status -eq 0 ] && [ -d /run/systemd/system ]; then
    local broker
    for broker in $(grep -xE "$brokers" <<<"$missing"); do
      as_root systemctl disable --quiet "$broker.service" && echo "$broker is installed, its service is not enabled"
    done
  fi
  return $status
}
