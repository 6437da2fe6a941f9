"""The brokers of Debian, each a child of the test with its own data on free ports of the loopback interface."""

import contextlib
import os
import shutil
import signal
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent / "daemon"))

from harness import SKIPPED, Process, free_port, mqtt  # noqa: E402

LOGIN = ("admin", "password")
READY = 120  # seconds; a loaded machine starts three Erlang nodes slowly


def skip(reason):
    print(f"skipped: {reason}")
    raise SystemExit(SKIPPED)


def needs(*programs):
    for program in programs:
        if shutil.which(program) is None and shutil.which(program, path="/usr/sbin") is None:
            skip(f"{program} is not installed (deploy/packages.d/brokers)")


def takes_clients(port, login=LOGIN, protocol=mqtt.MQTTv311):
    """Whether a client gets its CONNACK: a port that listens is not yet a broker that works."""
    client = mqtt.Client(client_id=f"ready-{os.getpid()}", protocol=protocol)
    client.username_pw_set(*login)
    answers = []
    client.on_connect = lambda client, data, flags, code, properties=None: answers.append(int(getattr(code, "value", code)))
    try:
        client.connect("127.0.0.1", port)
    except OSError:
        return False
    limit = time.monotonic() + 3
    while not answers and time.monotonic() < limit:
        if client.loop(0.1) != mqtt.MQTT_ERR_SUCCESS:
            break
    client.disconnect()
    return answers == [0]


class Broker(Process):
    """Its output is in `folder`/log, for whoever wants to know why it did not start."""

    login = LOGIN
    protocol = mqtt.MQTTv311

    def __init__(self, arguments, folder, **environment):
        self.folder = Path(folder)
        self.output = open(self.folder / "log", "a")
        super().__init__(arguments, cwd=self.folder, env={**os.environ, "HOME": str(self.folder), **environment},
                         stdin=subprocess_null(), stdout=self.output, stderr=self.output, start_new_session=True)

    def wait_until_ready(self):
        limit = time.monotonic() + READY
        while not takes_clients(self.port, self.login, self.protocol):
            if self.process.poll() is not None or time.monotonic() > limit:
                raise AssertionError(f"{type(self).__name__} does not start:\n" + (self.folder / "log").read_text()[-3000:])
            time.sleep(0.2)
        return self

    def signal(self, number):
        """To all that it has started: RabbitMQ is a script that waits for its node."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, number)

    def __exit__(self, *unused):
        self.signal(signal.SIGKILL)
        super().__exit__()
        self.output.close()


def subprocess_null():
    return os.open(os.devnull, os.O_RDONLY)


class ActiveMq(Broker):
    """MQTT 3.1 and 3.1.1. Its MQTT transport needs a jar that its package does not ask for."""

    JARS = ("/usr/share/activemq/lib/*", "/usr/share/activemq/lib/optional/*", "/usr/share/java/mqtt-client.jar")
    CONFIG = """<beans xmlns="http://www.springframework.org/schema/beans" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"
  xsi:schemaLocation="http://www.springframework.org/schema/beans http://www.springframework.org/schema/beans/spring-beans-2.0.xsd
  http://activemq.apache.org/schema/core http://activemq.apache.org/schema/core/activemq-core.xsd">
  <broker xmlns="http://activemq.apache.org/schema/core" useJmx="false" brokerName="test" dataDirectory="{folder}/data">
    <plugins><simpleAuthenticationPlugin><users>
      <authenticationUser username="admin" password="password" groups="users"/>
    </users></simpleAuthenticationPlugin></plugins>
    <transportConnectors><transportConnector name="mqtt" uri="mqtt://127.0.0.1:{port}"/></transportConnectors>
  </broker>
</beans>
"""

    def __init__(self, folder):
        needs("activemq", "java")
        self.port = free_port()
        (Path(folder) / "broker.xml").write_text(self.CONFIG.format(folder=folder, port=self.port))
        super().__init__(["java", "-Xmx256m", "-Dactivemq.home=/usr/share/activemq", f"-Dactivemq.base={folder}", "-cp",
                          ":".join(self.JARS), "org.apache.activemq.console.Main", "start", f"xbean:file:{folder}/broker.xml"],
                         folder)


class Ejabberd(Broker):
    """MQTT 3.1.1 and 5; with websockets, inside of TLS when there is a certificate (one file, with its key)."""

    CONFIG = """hosts: [localhost]
loglevel: warning
auth_method: internal
listen:
  - {{port: {port}, ip: "127.0.0.1", module: mod_mqtt}}
  - {{port: {web_port}, ip: "127.0.0.1", module: ejabberd_http, request_handlers: {{/mqtt: mod_mqtt}}, tls: {tls}}}
{certificates}modules:
  mod_mqtt:
    access_publish: {{"#": [{{allow: all}}]}}
    access_subscribe: {{"#": [{{allow: all}}]}}
"""
    REGISTER = 'ejabberd_auth:try_register(<<"admin">>, <<"localhost">>, <<"password">>).'
    protocol = mqtt.MQTTv5

    def __init__(self, folder, certificate=None):
        needs("ejabberdctl", "erl")
        self.port, self.web_port = free_port(), free_port()
        (Path(folder) / "ejabberd.yml").write_text(self.CONFIG.format(
            port=self.port, web_port=self.web_port, tls=str(certificate is not None).lower(),
            certificates=f"certfiles: [{certificate}]\n" if certificate else ""))
        libraries = next(Path("/usr/lib").glob("*/ejabberd-*")).parent
        super().__init__(["erl", "-noinput", "-start_epmd", "false", "-mnesia", "dir", f'"{folder}/spool"', "-s", "ejabberd",
                          "-eval", self.REGISTER],
                         folder, ERL_LIBS=str(libraries), EJABBERD_CONFIG_PATH=f"{folder}/ejabberd.yml",
                         EJABBERD_LOG_PATH=f"{folder}/ejabberd.log")


class Epmd(Process):
    """Erlang's table of nodes: a private one, in the foreground, so that no node starts one that outlives the test."""

    def __init__(self):
        needs("epmd")
        self.port = free_port()
        super().__init__(["epmd", "-port", str(self.port), "-address", "127.0.0.1"])


class RabbitMq(Broker):
    """MQTT 3.1 and 3.1.1, with websockets on /ws. One node; with `names` of all nodes, one of a cluster."""

    def __init__(self, folder, epmd, name="b2m1", names=()):
        needs("rabbitmq-server")
        folder = Path(folder)
        self.port, self.web_port = free_port(), free_port()
        lines = ["listeners.tcp = none", "web_mqtt.tcp.ip = 127.0.0.1", f"web_mqtt.tcp.port = {self.web_port}", f"mqtt.listeners.tcp.1 = 127.0.0.1:{self.port}", "mqtt.allow_anonymous = false",
                 "default_user = admin", "default_pass = password"]
        if names:
            lines.append("cluster_formation.peer_discovery_backend = classic_config")
            lines += [f"cluster_formation.classic_config.nodes.{i} = {other}@localhost" for i, other in enumerate(names, 1)]
        (folder / "rabbitmq.conf").write_text("\n".join(lines) + "\n")
        (folder / "plugins").write_text("[rabbitmq_mqtt,rabbitmq_web_mqtt].\n")
        super().__init__(["/usr/lib/rabbitmq/bin/rabbitmq-server"], folder,
                         RABBITMQ_NODENAME=f"{name}@localhost", RABBITMQ_MNESIA_BASE=str(folder / "mnesia"),
                         RABBITMQ_LOG_BASE=str(folder), RABBITMQ_LOGS="-", RABBITMQ_CONFIG_FILE=str(folder / "rabbitmq"),
                         RABBITMQ_ENABLED_PLUGINS_FILE=str(folder / "plugins"), RABBITMQ_PID_FILE=str(folder / "pid"),
                         RABBITMQ_DIST_PORT=str(free_port()), ERL_EPMD_PORT=str(epmd.port), ERL_EPMD_ADDRESS="127.0.0.1",
                         RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS="-setcookie b2m -kernel inet_dist_use_interface {127,0,0,1}")
