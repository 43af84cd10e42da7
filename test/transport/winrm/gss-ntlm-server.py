"""A WinRM listener on MIT's SPNEGO and gss-ntlmssp, which Microsoft's OMI is built on too, with one answer: that to Create.

It has OMI's manners: answers without Server and Date, no tabs in its frames nor understood in those of others, and a connection
that is closed on what it cannot read.

Prints its port. Usage: gss-ntlm-server.py, with NTLM_USER_FILE naming who may log on.
"""
import base64
import re
import struct
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import gssapi

BOUNDARY = b"--Encrypted Boundary"
PROTOCOL = b"application/HTTP-SPNEGO-session-encrypted"
SPNEGO = gssapi.OID.from_int_seq("1.3.6.1.5.5.2")
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


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    context = None

    def log_message(self, *_):
        pass

    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        authorization = self.headers.get("Authorization", "")
        if authorization.startswith("Negotiate "):
            self.log_on(base64.b64decode(authorization[10:]))
        elif self.context is None or not self.context.complete:
            self.reply(401, b"", {"WWW-Authenticate": "Negotiate"})
        else:
            self.reply(200, *self.sealed(self.opened(body)))

    def log_on(self, token):
        if self.context is None:
            self.context = gssapi.SecurityContext(
                usage="accept", creds=gssapi.Credentials(usage="accept", mechs=[SPNEGO])
            )
        try:
            answer = self.context.step(token)
            # gssapi tells of some failures at the next look only.
            complete = self.context.complete
        except gssapi.exceptions.GSSError:
            self.context = None
            self.reply(401, b"", {"WWW-Authenticate": "Negotiate"})
            return
        headers = {"WWW-Authenticate": "Negotiate " + base64.b64encode(answer).decode()} if answer else {}
        self.reply(200 if complete else 401, b"", headers)

    def opened(self, body):
        data = body.split(BOUNDARY + b"\r\nContent-Type: application/octet-stream\r\n", 1)[1]
        length = int(re.search(rb"Length=(\d+)", body).group(1)) + struct.unpack("<i", data[:4])[0]
        return self.context.unwrap(data[4 : 4 + length]).message.decode()

    def sealed(self, text):
        message_id = re.search(r"MessageID>([^<]*)<", text).group(1)
        plain = ANSWER.format(id=message_id, user=str(self.context.initiator_name).strip("\0 ")).encode()
        token = self.context.wrap(plain, True).message
        header, data = token[: -len(plain)], token[-len(plain) :]
        # As OMI frames it: no tabs, an empty line before the bytes.
        body = b"\r\n".join(
            [
                BOUNDARY,
                b"Content-Type: " + PROTOCOL,
                b"OriginalContent: type=application/soap+xml;charset=UTF-8;Length=%d" % len(plain),
                BOUNDARY,
                b"Content-Type: application/octet-stream",
                b"",
                struct.pack("<i", len(header)) + header + data + BOUNDARY + b"--\r\n",
            ]
        )
        kind = 'multipart/encrypted;protocol="%s";boundary="Encrypted Boundary"' % PROTOCOL.decode()
        return body, {"Content-Type": kind}

    def reply(self, status, body, headers):
        self.send_response_only(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
server.daemon_threads = True
print(server.server_port, flush=True)
server.serve_forever()
