"""Copies one file to a WinRM listener with Ansible's own connection. The password comes on stdin.

Usage: ansible-put.py PORT USER LOCAL REMOTE
"""
import sys

from ansible.playbook.play_context import PlayContext
from ansible.plugins.loader import connection_loader

port, user, local, remote = sys.argv[1:5]
password = sys.stdin.read().strip()
connection = connection_loader.get("winrm", PlayContext(), "/dev/null")
connection.set_options(
    var_options={
        "ansible_host": "127.0.0.1",
        "ansible_port": int(port),
        "ansible_user": user,
        "ansible_password": password,
        "ansible_winrm_scheme": "http",
        "ansible_winrm_transport": ["ntlm"],
        "_extras": {"ansible_winrm_message_encryption": "always"},
    }
)
connection._connect()
connection.put_file(local, remote)
connection.close()
