"""Copies a file there and back with Ansible's own WinRM connection. The password comes on stdin.

Usage: ansible_files.py PORT LOCAL REMOTE BACK
"""
import sys

from ansible.playbook.play_context import PlayContext
from ansible.plugins.loader import connection_loader

port, local, remote, back = sys.argv[1:5]
password = sys.stdin.read().strip()

connection = connection_loader.get("winrm", PlayContext(), "/dev/null")
connection.set_options(
    var_options={
        "ansible_host": "127.0.0.1",
        "ansible_port": int(port),
        "ansible_user": "exadmin",
        "ansible_password": password,
        "ansible_winrm_scheme": "http",
        "ansible_winrm_transport": ["ntlm"],
        "_extras": {"ansible_winrm_message_encryption": "always"},
    }
)
connection.set_option("remote_user", "exadmin")
connection.set_option("remote_password", password)
connection._connect()
connection.put_file(local, remote)
connection.fetch_file(remote, back)
code, out, err = connection.exec_command("hostname")
print(code, out.decode().strip(), err.decode().strip())
connection.close()
