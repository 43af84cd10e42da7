"""Copies one file to a WinRM listener with Ansible's own connection. The password comes on stdin.

Usage: ansible-put.py SCHEME PORT USER LOCAL REMOTE
"""
import sys

from ansible.playbook.play_context import PlayContext
from ansible.plugins.loader import connection_loader

scheme, port, user, local, remote = sys.argv[1:6]
password = sys.stdin.read().strip()
connection = connection_loader.get("winrm", PlayContext(), "/dev/null")
connection.set_options(
    var_options={
        "ansible_host": "127.0.0.1",
        "ansible_port": int(port),
        "ansible_user": user,
        "ansible_password": password,
        "ansible_winrm_scheme": scheme,
        "ansible_winrm_transport": ["ntlm"],
        "_extras": {
            "ansible_winrm_message_encryption": "always" if scheme == "http" else "auto",
            "ansible_winrm_server_cert_validation": "ignore",
        },
    }
)
connection._connect()
connection.put_file(local, remote)
connection.close()
