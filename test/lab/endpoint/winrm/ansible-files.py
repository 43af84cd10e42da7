"""Copies a file there and back with Ansible's own WinRM connection: sealed NTLM over HTTP, or Kerberos over HTTPS.

The password comes on stdin; Kerberos has the ticket that is there. Usage: ansible-files.py PORT LOCAL REMOTE BACK [kerberos]
"""
import sys

from ansible.playbook.play_context import PlayContext
from ansible.plugins.loader import connection_loader

port, local, remote, back = sys.argv[1:5]
password = sys.stdin.read().strip()
over_kerberos = sys.argv[5:] == ["kerberos"]

connection = connection_loader.get("winrm", PlayContext(), "/dev/null")
connection.set_options(
    var_options={
        # A ticket is for a name, not for an address.
        "ansible_host": "localhost" if over_kerberos else "127.0.0.1",
        "ansible_port": int(port),
        "ansible_user": "exadmin",
        "ansible_password": password,
        "ansible_winrm_scheme": "https" if over_kerberos else "http",
        "ansible_winrm_transport": ["kerberos" if over_kerberos else "ntlm"],
        "ansible_winrm_kinit_mode": "manual",
        "_extras": {"ansible_winrm_message_encryption": "auto" if over_kerberos else "always"},
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
