"""Encrypted connections, good and bad. Usage: tls_test.py PROGRAM SOURCE_DIR"""

import contextlib
import subprocess
import tempfile
import unittest
from pathlib import Path

from scene import Scene  # first: it takes the arguments
from brokers import Ejabberd
from harness import MOSQUITTO, Mosquitto, Process, free_port, wait_for

running = contextlib.ExitStack()


def openssl(*arguments):
    subprocess.run(["openssl", *map(str, arguments)], check=True, capture_output=True)


class Authority:
    """Signs certificates, as somebody does for a broker at home."""

    def __init__(self, folder, name):
        self.folder, self.name = Path(folder), name
        self.certificate, self.key = self.folder / f"{name}.crt", self.folder / f"{name}.key"
        openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", 2, "-subj", f"/CN={name}", "-keyout", self.key, "-out", self.certificate)

    def issue(self, name, host="localhost", days=2, password=None):
        """A certificate and its key for `host`."""
        key, request, certificate = (self.folder / f"{name}.{end}" for end in ("key", "csr", "crt"))
        cipher = ["-aes256", "-passout", f"pass:{password}"] if password else []
        openssl("genrsa", *cipher, "-out", key, 2048)
        openssl("req", "-new", "-key", key, "-subj", f"/CN={host}", "-out", request, *(["-passin", f"pass:{password}"] if password else []))
        names = self.folder / f"{name}.ext"
        names.write_text(f"subjectAltName=DNS:{host}" + (",IP:127.0.0.1" if host == "localhost" else ""))
        openssl("x509", "-req", "-in", request, "-CA", self.certificate, "-CAkey", self.key, "-CAcreateserial", "-days", days,
                "-extfile", names, "-out", certificate)
        key.chmod(0o600)
        return certificate, key


class SecureMosquitto(Process):
    def __init__(self, folder, ca, certificate, key, client_certificates=False):
        self.port = free_port()
        config = Path(folder) / f"secure-{self.port}.conf"
        config.write_text(f"listener {self.port} 127.0.0.1\n"
                          f"user root\nallow_anonymous true\ncafile {ca}\ncertfile {certificate}\nkeyfile {key}\n"
                          f"require_certificate {str(client_certificates).lower()}\n")
        super().__init__([MOSQUITTO, "-c", str(config)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        wait_for(lambda: Mosquitto.answers(self), "mosquitto")


def setUpModule():
    global own, strange, brokers, client
    unittest.addModuleCleanup(running.close)  # also when what follows fails
    folder = running.enter_context(tempfile.TemporaryDirectory())
    own, strange = Authority(folder, "own-ca"), Authority(folder, "strange-ca")
    client = {"plain": own.issue("client"), "locked": own.issue("locked", password="open sesame"), "strange": strange.issue("stranger")}
    good, expired, elsewhere = own.issue("good"), own.issue("expired", days=-1), own.issue("elsewhere", host="elsewhere.example")
    start = lambda *a, **k: running.enter_context(SecureMosquitto(folder, own.certificate, *a, **k))  # noqa: E731
    brokers = {"good": start(*good), "expired": start(*expired), "elsewhere": start(*elsewhere),
               "asks": start(*good, client_certificates=True), "plain": running.enter_context(Mosquitto(folder))}
    both = Path(folder) / "both.pem"
    both.write_text("".join(part.read_text() for part in good))
    web = running.enter_context(Ejabberd(running.enter_context(tempfile.TemporaryDirectory()), both))
    web.wait_until_ready()
    brokers["websockets"] = web


class Tls(Scene):
    def log_of(self, broker, scheme="mqtts", word="connected to", **tls):
        """What the daemon says when it has said `word`."""
        tls = {"ca": str(own.certificate), **tls}
        block = {"broker": f"{scheme}://localhost:{brokers[broker].port}"}
        if scheme == "wss":
            block = {"broker": f"wss://localhost:{brokers[broker].web_port}/mqtt", **self.login()}
        daemon = self.daemon(self.config({**block, "tls": tls} if scheme != "mqtt" else block))
        wait_for(lambda: word in daemon.log() or "keep trying" in daemon.log(), f"{word}: {daemon.log()}")
        self.assertIn(word, daemon.log())
        return daemon.log()

    def refused(self, broker, *words, **keys):
        log = self.log_of(broker, word="will keep trying", **keys)
        self.assertNotIn("connected to", log)
        for word in words:
            self.assertIn(word, log)
        self.assertNotIn("open sesame", log)

    def test_an_own_authority_is_trusted_when_it_is_named(self):
        self.log_of("good")

    def test_a_client_certificate_is_shown(self):
        certificate, key = client["plain"]
        self.log_of("asks", cert=str(certificate), key=str(key))

    def test_a_client_certificate_whose_key_has_a_password_is_shown(self):
        certificate, key = client["locked"]
        self.log_of("asks", cert=str(certificate), key=str(key), key_password_file=self.secret("key-password", "open sesame"))

    def test_websockets_are_spoken_inside_of_tls(self):
        self.log_of("websockets", scheme="wss")

    def test_without_verification_an_expired_certificate_is_taken(self):
        self.log_of("expired", verify=False)

    def test_11_an_expired_certificate_is_refused(self):
        self.refused("expired", "certificate has expired")

    def test_11_a_certificate_for_another_host_is_refused(self):
        self.refused("elsewhere", "ertificate")

    def test_11_a_certificate_of_an_authority_that_is_not_trusted_is_refused(self):
        self.refused("good", "certificate verify failed", ca=str(strange.certificate))

    def test_11_the_systems_authorities_do_not_vouch_for_an_own_one(self):
        daemon = self.daemon(self.config({"broker": f"mqtts://localhost:{brokers['good'].port}"}))
        wait_for(lambda: "keep trying" in daemon.log(), "the refusal")
        self.assertIn("certificate", daemon.log())

    def test_11_a_missing_client_certificate_is_refused(self):
        self.refused("asks")

    def test_11_a_client_certificate_of_another_authority_is_refused(self):
        certificate, key = client["strange"]
        self.refused("asks", cert=str(certificate), key=str(key))

    def test_11_plain_mqtt_to_a_tls_port_is_refused_and_the_way_out_is_said(self):
        self.refused("good", "TLS", scheme="mqtt")

    def test_11_tls_to_a_plain_port_is_refused(self):
        self.refused("plain", scheme="mqtts")

    def test_a_wrong_key_password_is_said_and_nothing_else_happens(self):
        certificate, key = client["locked"]
        self.refused("asks", cert=str(certificate), key=str(key), key_password_file=self.secret("key-password", "wrong"))


if __name__ == "__main__":
    unittest.main(verbosity=2)
