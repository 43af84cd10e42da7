"""Runs commands with pywinrm and prints what came of each. The password comes on stdin.

Usage: pywinrm-commands.py URL
"""
import json
import sys

import winrm

session = winrm.Session(
    sys.argv[1],
    auth=("EXLAB\\exadmin", sys.stdin.read().strip()),
    transport="ntlm",
    message_encryption="always" if sys.argv[1].startswith("http:") else "auto",
)
for command, arguments in [("hostname", []), ("echo", ["two", "words", "&", "exit", "/b", "3"]), ("nonsense", [])]:
    result = session.run_cmd(command, arguments)
    print(json.dumps([result.status_code, result.std_out.decode(), result.std_err.decode()]))
