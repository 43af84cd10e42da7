$ErrorActionPreference = 'Stop'
