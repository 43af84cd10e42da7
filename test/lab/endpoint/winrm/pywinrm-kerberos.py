"""Runs a command with pywinrm over Kerberos and prints what came of it. Usage: pywinrm-kerberos.py URL"""
import sys

import winrm

session = winrm.Session(sys.argv[1], auth=("exadmin", ""), transport="kerberos")
result = session.run_cmd("hostname")
print(result.status_code, result.std_out.decode().strip(), result.std_err.decode().strip())
