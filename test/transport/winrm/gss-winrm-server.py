"""A WinRM listener that knows Kerberos and one answer: each sealed request comes back as the answer to Create.

It seals with GSSAPI's IOV calls, as pywinrm does, so that it shares nothing with the client it is put in front of.
Prints its port. Negotiate or Kerberos is the one scheme that it takes. With CERTIFICATE and KEY it speaks TLS, and messages go
unsealed. It takes only tickets that are bound to --bound-to, where that is given: the certificate that clients should have seen.
"""
import argparse
import base64
import hashlib
import re
import ssl
import struct
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import gssapi
from gssapi.raw import IOV, ChannelBindings, IOVBufferType, wrap_iov

BOUNDARY = b"--Encrypted Boundary"
PARSER = argparse.ArgumentParser()
PARSER.add_argument("service", metavar="SERVICE@HOST")
PARSER.add_argument("scheme", choices=["Negotiate", "Kerberos"])
PARSER.add_argument("tls", nargs="*", metavar="CERTIFICATE KEY")
PARSER.add_argument("--bound-to", metavar="CERTIFICATE")
PARSER.add_argument("--damage", type=int, metavar="INDEX", help="of the byte to change in the answer to a ticket")
OPTIONS = PARSER.parse_args()
SCHEME = OPTIONS.scheme
KIND = {"Negotiate": b"SPNEGO", "Kerberos": b"Kerberos"}[SCHEME]
PROTOCOL = b"application/HTTP-%s-session-encrypted" % KIND
ANSWER = (
    '<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope" '
    'xmlns:a="http://schemas.xmlsoap.org/ws/2004/08/addressing" '
    'xmlns:w="http://schemas.dmtf.org/wbem/wsman/1/wsman.xsd" '
    'xmlns:x="http://schemas.xmlsoap.org/ws/2004/09/transfer"><s:Header>'
    "<a:Action>http://schemas.xmlsoap.org/ws/2004/09/transfer/CreateResponse</a:Action>"
    "<a:RelatesTo>{id}</a:RelatesTo></s:Header><s:Body><x:ResourceCreated><a:ReferenceParameters><w:SelectorSet>"
    '<w:Selector Name="ShellId">{user}</w:Selector></w:SelectorSet></a:ReferenceParameters></x:ResourceCreated>'
    "</s:Body></s:Envelope>"
)


def bindings(file):
    with open(file) as pem:
        certificate = ssl.PEM_cert_to_DER_cert(pem.read())
    return ChannelBindings(application_data=b"tls-server-end-point:" + hashlib.sha256(certificate).digest())


BINDINGS = bindings(OPTIONS.bound_to) if OPTIONS.bound_to else None


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    context = None

    def log_message(self, *_):
        pass

    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        authorization = self.headers.get("Authorization", "")
        if authorization.startswith(SCHEME + " "):
            name = gssapi.Name(OPTIONS.service, gssapi.NameType.hostbased_service)
            credentials = gssapi.Credentials(name=name, usage="accept")
            self.context = gssapi.SecurityContext(creds=credentials, usage="accept", channel_bindings=BINDINGS)
            token = self.context.step(base64.b64decode(authorization[len(SCHEME) + 1 :]))
            status = 200 if self.is_bound() else 401
            if status == 200:
                # Windows seals nothing in a context that was made without it.
                assert gssapi.RequirementFlag.confidentiality in self.context.actual_flags
            else:
                self.context = None
            if OPTIONS.damage is not None:
                token = bytearray(token)
                token[OPTIONS.damage] ^= 1
            self.reply(status, b"", {"WWW-Authenticate": SCHEME + " " + base64.b64encode(token).decode()})
        elif self.context is None or not self.context.complete:
            self.reply(401, b"", {"WWW-Authenticate": SCHEME})
        elif OPTIONS.tls:
            self.reply(200, self.answer(body.decode()), {"Content-Type": "application/soap+xml;charset=UTF-8"})
        else:
            self.reply(200, *self.sealed(self.opened(body)))

    def is_bound(self):
        """MIT refuses a wrong binding by itself, and lets in who sends none."""
        try:
            # What went wrong with the token is raised only now, because there is an answer to it.
            complete = self.context.complete
        except gssapi.exceptions.BadChannelBindingsError:
            return False
        return complete and (BINDINGS is None or gssapi.RequirementFlag.channel_bound in self.context.actual_flags)

    def answer(self, text):
        message_id = re.search(r"MessageID>([^<]*)<", text).group(1)
        return ANSWER.format(id=message_id, user=self.context.initiator_name).encode()

    def opened(self, body):
        assert body.count(PROTOCOL) == 1, body[:200]
        part = body.split(BOUNDARY)[2]
        length = int(re.search(rb"Length=(\d+)", body).group(1))
        data = part.split(b"application/octet-stream\r\n", 1)[1]
        header_length = struct.unpack("<i", data[:4])[0]
        # Windows decrypts the data in place, so the two have to have the same length.
        assert len(data) - 4 - header_length == length, (len(data), header_length, length)
        return self.context.unwrap(data[4:]).message.decode()

    def sealed(self, text):
        iov = IOV(IOVBufferType.header, self.answer(text), IOVBufferType.padding, std_layout=False)
        wrap_iov(self.context, iov, confidential=True)
        header = iov[0].value
        data = iov[1].value + (iov[2].value or b"")
        body = b"\r\n".join(
            [
                BOUNDARY,
                b"\tContent-Type: " + PROTOCOL,
                b"\tOriginalContent: type=application/soap+xml;charset=UTF-8;Length=%d" % len(data),
                BOUNDARY,
                b"\tContent-Type: application/octet-stream",
                struct.pack("<i", len(header)) + header + data + BOUNDARY + b"--\r\n",
            ]
        )
        kind = 'multipart/encrypted;protocol="%s";boundary="Encrypted Boundary"' % PROTOCOL.decode()
        return body, {"Content-Type": kind}

    def reply(self, status, body, headers):
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
server.daemon_threads = True
if OPTIONS.tls:
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(*OPTIONS.tls)
    server.socket = tls.wrap_socket(server.socket, server_side=True)
print(server.server_port, flush=True)
server.serve_forever()
