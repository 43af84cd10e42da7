"""Runs `hostname` in a shell of a WinRM listener with MIT's Kerberos, and prints what came of it.

Over http it seals with GSSAPI's IOV calls, so that it shares nothing with the listener it is put in front of.
Usage: gss-commands.py URL SERVICE@HOST Negotiate|Kerberos spnego|kerberos [CERTIFICATE]: the one that its ticket is bound to, over https
"""
import base64
import hashlib
import http.client
import re
import ssl
import struct
import sys
import uuid
from urllib.parse import urlsplit

import gssapi
from gssapi.raw import IOV, ChannelBindings, IOVBufferType, wrap_iov

url, service, scheme, mechanism = sys.argv[1:5]
KIND = "SPNEGO" if scheme == "Negotiate" else "Kerberos"
PROTOCOL = "application/HTTP-%s-session-encrypted" % KIND
SEALED = 'multipart/encrypted;protocol="%s";boundary="Encrypted Boundary"' % PROTOCOL
PLAIN = "application/soap+xml;charset=UTF-8"
SHELL = "http://schemas.microsoft.com/wbem/wsman/1/windows/shell"
TRANSFER = "http://schemas.xmlsoap.org/ws/2004/09/transfer"
OIDS = {"spnego": "1.3.6.1.5.5.2", "kerberos": "1.2.840.113554.1.2.2"}
ENVELOPE = (
    '<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope" '
    'xmlns:a="http://schemas.xmlsoap.org/ws/2004/08/addressing" '
    'xmlns:w="http://schemas.dmtf.org/wbem/wsman/1/wsman.xsd" xmlns:rsp="%s"><s:Header><a:To>%s</a:To>'
    '<a:ReplyTo><a:Address s:mustUnderstand="true">http://schemas.xmlsoap.org/ws/2004/08/addressing/role/anonymous'
    '</a:Address></a:ReplyTo><a:Action s:mustUnderstand="true">{action}</a:Action>'
    '<a:MessageID>uuid:{id}</a:MessageID><w:ResourceURI s:mustUnderstand="true">%s/cmd</w:ResourceURI>'
    '<w:MaxEnvelopeSize s:mustUnderstand="true">153600</w:MaxEnvelopeSize>'
    "<w:OperationTimeout>PT20S</w:OperationTimeout>{more}</s:Header><s:Body>{body}</s:Body></s:Envelope>"
) % (SHELL, url, SHELL)

parts = urlsplit(url)
if parts.scheme == "https":
    trust = ssl.create_default_context()
    trust.check_hostname = False
    trust.verify_mode = ssl.CERT_NONE
    line = http.client.HTTPSConnection(parts.hostname, parts.port, context=trust)
else:
    line = http.client.HTTPConnection(parts.hostname, parts.port)


def post(body, headers):
    line.request("POST", parts.path, body, headers)
    answer = line.getresponse()
    return answer, answer.read()


bindings = None
if len(sys.argv) > 5:
    with open(sys.argv[5]) as pem:
        digest = hashlib.sha256(ssl.PEM_cert_to_DER_cert(pem.read())).digest()
    bindings = ChannelBindings(application_data=b"tls-server-end-point:" + digest)

context = gssapi.SecurityContext(
    name=gssapi.Name(service, gssapi.NameType.hostbased_service),
    mech=gssapi.OID.from_int_seq(OIDS[mechanism]),
    flags=gssapi.RequirementFlag.mutual_authentication | gssapi.RequirementFlag.confidentiality
    | gssapi.RequirementFlag.integrity | gssapi.RequirementFlag.out_of_sequence_detection
    | gssapi.RequirementFlag.replay_detection,
    usage="initiate",
    channel_bindings=bindings,
)
token = context.step()
answer, _ = post(b"", {"Authorization": scheme + " " + base64.b64encode(token).decode(), "Content-Length": "0"})
authenticate = answer.getheader("WWW-Authenticate", "")
reply = base64.b64decode(authenticate[len(scheme) + 1 :]) if authenticate.startswith(scheme + " ") else None
if answer.status != 200:
    # The library says what the server's KRB-ERROR means.
    try:
        context.step(reply)
    except gssapi.exceptions.GSSError as error:
        print(error)
    sys.exit("HTTP %d" % answer.status)
context.step(reply)
assert context.complete


def exchange(action, body, selectors="", options=""):
    more = selectors + options
    text = ENVELOPE.format(action=action, id=str(uuid.uuid4()).upper(), body=body, more=more).encode()
    if parts.scheme == "https":
        answer, data = post(text, {"Content-Type": PLAIN})
        return answer.status, data.decode()
    iov = IOV(IOVBufferType.header, text, IOVBufferType.padding, std_layout=False)
    wrap_iov(context, iov, confidential=True)
    header, sealed = iov[0].value, iov[1].value + (iov[2].value or b"")
    frame = "\r\n".join(
        [
            "--Encrypted Boundary",
            "\tContent-Type: " + PROTOCOL,
            "\tOriginalContent: type=application/soap+xml;charset=UTF-8;Length=%d" % len(text),
            "--Encrypted Boundary",
            "\tContent-Type: application/octet-stream",
            "",
        ]
    )
    body = frame.encode() + struct.pack("<i", len(header)) + header + sealed + b"--Encrypted Boundary--\r\n"
    answer, data = post(body, {"Content-Type": SEALED})
    assert answer.getheader("Content-Type") == SEALED, answer.getheader("Content-Type")
    bytes_ = data.split(b"application/octet-stream\r\n", 1)[1][4 : -len(b"--Encrypted Boundary--\r\n")]
    return answer.status, context.unwrap(bytes_).message.decode()


def found(pattern, text):
    match = re.search(pattern, text)
    assert match, text
    return match.group(1)


streams = "<rsp:Shell><rsp:InputStreams>stdin</rsp:InputStreams><rsp:OutputStreams>stdout stderr</rsp:OutputStreams></rsp:Shell>"
status, text = exchange(TRANSFER + "/Create", streams)
assert status == 200, text
shell = '<w:SelectorSet><w:Selector Name="ShellId">%s</w:Selector></w:SelectorSet>' % found(r'Name="ShellId">([^<]+)<', text)
line_ = "<rsp:CommandLine><rsp:Command>hostname</rsp:Command></rsp:CommandLine>"
status, text = exchange(SHELL + "/Command", line_, shell)
command = found(r"CommandId>([^<]+)<", text)
wanted = '<rsp:Receive><rsp:DesiredStream CommandId="%s">stdout stderr</rsp:DesiredStream></rsp:Receive>' % command
out = b""
while True:
    status, text = exchange(SHELL + "/Receive", wanted, shell)
    assert status == 200, text
    for piece in re.findall(r'Name="stdout"[^>]*>([^<]+)<', text):
        out += base64.b64decode(piece)
    if "CommandState/Done" in text:
        print(found(r"ExitCode>(\d+)<", text), out.decode().strip())
        break
exchange(TRANSFER + "/Delete", "", shell)
