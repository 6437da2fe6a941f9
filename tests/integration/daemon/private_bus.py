"""A dbus-daemon of the test's own, as the system bus of its processes."""

import os
import shutil
import subprocess
from pathlib import Path

from harness import SKIPPED, Process, wait_for

for tool in ("dbus-daemon", "busctl", "gdbus", "setpriv"):
    if shutil.which(tool) is None:
        print(f"skipped: {tool} is not installed")
        raise SystemExit(SKIPPED)

# What the system bus of Debian lets everybody do (/usr/share/dbus-1/system.conf); the gateway's own policy is laid over it.
CONFIG = """<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig><type>system</type><listen>unix:path={socket}</listen><auth>EXTERNAL</auth>
<policy context="default"><allow user="*"/><deny own="*"/><deny send_type="method_call"/>
<allow send_type="signal"/><allow send_requested_reply="true" send_type="method_return"/>
<allow send_requested_reply="true" send_type="error"/><allow receive_type="method_call"/>
<allow receive_type="method_return"/><allow receive_type="error"/><allow receive_type="signal"/>
<allow send_destination="org.freedesktop.DBus"/></policy>{policy}</busconfig>
"""

# Lets everybody through, so that only the daemon itself can refuse.
OPEN = '<policy context="default"><allow own="org.board2mqtt.Gateway1"/><allow send_destination="org.board2mqtt.Gateway1"/></policy>'
CLOSED = ""


def shipped(source):
    """The policy that the package installs."""
    return f"<include>{source}/deploy/dbus/org.board2mqtt.Gateway1.conf</include>"


class PrivateBus:
    """Not running until start(). Everybody may enter its folder, since its clients are of several users."""

    def __init__(self, folder, policy):
        self.folder = Path(folder)
        self.folder.chmod(0o755)
        self.socket = self.folder / "bus"
        self.config = self.folder / "bus.conf"
        self.config.write_text(CONFIG.format(socket=self.socket, policy=policy))
        self.environment = {**os.environ, "DBUS_SYSTEM_BUS_ADDRESS": f"unix:path={self.socket}"}
        self.process = None

    def start(self):
        self.process = Process(["dbus-daemon", f"--config-file={self.config}", "--nofork", "--nopidfile"],
                               stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        wait_for(self.socket.exists, "the bus")
        return self

    def stop(self):
        if self.process:
            self.process.__exit__()
            self.process = None
        self.socket.unlink(missing_ok=True)

    def run(self, *command, user=None):
        """What it prints and its exit code, as another user where one is given (numbers; needs root)."""
        if user is not None:
            command = ("setpriv", f"--reuid={user}", f"--regid={user}", "--clear-groups", *command)
        return subprocess.run(command, env=self.environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60)
