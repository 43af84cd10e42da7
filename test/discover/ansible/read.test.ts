import { describe, expect, it } from 'vitest'
import { readAnsible } from '../../../src/discover/ansible/read.js'

const ini = `
# the mail servers
ex-edge-01 ansible_host=192.0.2.25 ansible_user='ex-edge-01\\Administrator'   # in no domain

[edge]
ex-edge-01

[exchange_cas]
ex-cas-[01:03].contoso.com

[exchange_mbx]
ex-mbx-[a:b] ansible_port=2222 ccr=CMS1
ex-mbx-c:2200

[web]
www[1:3]

[windows:children]
exchange_cas
exchange_mbx

[windows:vars]
ansible_connection=winrm
ansible_winrm_scheme=http
ansible_user=CONTOSO\\exadmin
ansible_password={{ vault_password }}

[exchange_mbx:vars]
ansible_connection=ssh
site = "New York"
`

const yaml = `
all:
  vars: { ansible_user: 'CONTOSO\\exadmin', ansible_password: !vault "abc" }
  children:
    london:
      vars: { ad_site: London }
      hosts:
        ex-hub-01: { ansible_host: 10.0.0.5, exchange_roles: [hub, um] }
    exchange:
      vars: { ansible_connection: winrm, ansible_winrm_server_cert_validation: ignore }
      children:
        mailbox:
          hosts:
            ex-mbx-[01:02:1]: { dag: DAG1 }
        clientAccessServers:
          hosts: { ex-cas-01: { ansible_connection: ssh, ansible_ssh_private_key_file: /keys/id } }
`

describe('an Ansible inventory in INI', () => {
  const { servers, notes } = readAnsible(ini, '/etc/ansible/hosts')
  const byName = new Map(servers.map(server => [server.name, server]))

  it('writes ranges out and takes roles from the names of groups', () => {
    expect(servers.map(({ name, roles }) => `${name} ${roles}`)).toEqual([
      'ex-edge-01 edge',
      'ex-cas-01.contoso.com cas',
      'ex-cas-02.contoso.com cas',
      'ex-cas-03.contoso.com cas',
      'ex-mbx-a mailbox',
      'ex-mbx-b mailbox',
      'ex-mbx-c mailbox',
    ])
  })

  it('takes address, user, transport and port, the group nearer to the host over the one above it', () => {
    expect(byName.get('ex-edge-01')).toMatchObject({
      host: '192.0.2.25',
      logon: { username: 'ex-edge-01\\Administrator' },
    })
    expect(byName.get('ex-cas-02.contoso.com')).toMatchObject({
      ...{ host: 'ex-cas-02.contoso.com', transport: 'winrm', winrm: { scheme: 'http' } },
      logon: { username: 'CONTOSO\\exadmin' },
    })
    expect(byName.get('ex-mbx-a')).toMatchObject({
      transport: 'ssh',
      port: 2222,
      site: 'New York',
      cluster: { type: 'ccr', name: 'CMS1' },
    })
    expect(byName.get('ex-mbx-c')).toMatchObject({ port: 2200 })
  })

  it('says in one note which hosts it leaves out', () => {
    expect(notes).toEqual([expect.stringMatching(/^3 hosts are left out.*: www1, www2, www3\. /)])
  })
})

describe('an Ansible inventory in YAML', () => {
  const { servers, notes } = readAnsible(yaml, 'hosts.yml')

  it('reads groups within groups, ranges, lists of roles and vaults it cannot open', () => {
    expect(servers).toEqual([
      {
        ...{ name: 'ex-hub-01', host: '10.0.0.5', roles: ['hub', 'um'], site: 'London', transport: 'ssh' },
        logon: { username: 'CONTOSO\\exadmin' },
      },
      ...['01', '02'].map(number => ({
        ...{
          name: `ex-mbx-${number}`,
          host: `ex-mbx-${number}`,
          roles: ['mailbox'],
          cluster: { type: 'dag', name: 'DAG1' },
        },
        ...{ transport: 'winrm', winrm: { scheme: 'https' }, logon: { username: 'CONTOSO\\exadmin' } },
      })),
      {
        ...{ name: 'ex-cas-01', host: 'ex-cas-01', roles: ['cas'], transport: 'ssh' },
        logon: { username: 'CONTOSO\\exadmin', keyFile: '/keys/id' },
      },
    ])
  })

  it('does not take over a certificate check that is switched off, and says so', () => {
    expect(notes.filter(note => note.includes('certificate'))).toHaveLength(2)
  })

  it('takes what ansible-inventory --list prints', () => {
    const listed = {
      _meta: { hostvars: { a: { ansible_host: '10.0.0.1', ansible_port: 22 } } },
      all: { children: ['ungrouped', 'hub'] },
      hub: { hosts: ['a'] },
    }
    expect(readAnsible(JSON.stringify(listed), 'list').servers).toEqual([
      { name: 'a', host: '10.0.0.1', port: 22, roles: ['hub'], transport: 'ssh' },
    ])
  })
})

describe('files of variables beside an Ansible inventory', () => {
  const files = [
    { of: 'group', name: 'all.yml', file: 'all.yml', text: 'ansible_user: everybody\nad_site: London\n' },
    { of: 'group', name: 'cas', file: 'cas/1.yml', text: 'ansible_user: theirs\n' },
    { of: 'group', name: 'web.yml', file: 'web.yml', text: 'ansible_user: nobody\n' },
    { of: 'host', name: 'b.contoso.com', file: 'b', text: 'ansible_host: 10.0.0.2\n' },
    { of: 'host', name: 'a.yaml', file: 'a.yaml', text: '$ANSIBLE_VAULT;1.1;AES256\n00\n' },
  ] as const

  it('win over the inventory, a host over its groups, a group over all; a vault stays closed', () => {
    const { servers, notes } = readAnsible(
      '[cas]\na\nb.contoso.com ansible_host=old\n[hub]\nc\n[cas:vars]\nansible_user=old\n',
      'hosts',
      files,
    )
    expect(servers.map(({ name, host, site, logon }) => [name, host, site, logon?.username])).toEqual([
      ['a', 'a', 'London', 'theirs'],
      ['b.contoso.com', '10.0.0.2', 'London', 'theirs'],
      ['c', 'c', 'London', 'everybody'],
    ])
    expect(notes).toEqual(['a.yaml is a vault and was not read.'])
  })
})

describe('what is no Ansible inventory', () => {
  it.each([
    ['a script', '#!/usr/bin/env python3\n', 'hosts', 'ANSIBLE_SCRIPT'],
    ['broken YAML', 'all: {\n', 'hosts.yaml', 'ANSIBLE_INVALID'],
    ['a list', '- a\n- b\n', 'hosts.yaml', 'ANSIBLE_INVALID'],
    ['an open quote', '[cas]\nhost a="b\n', 'hosts', 'ANSIBLE_INVALID'],
    ['a section of no kind', '[cas:chidlren]\n', 'hosts', 'ANSIBLE_INVALID'],
    ['a range that runs backwards', '[cas]\nh[9:1]\n', 'hosts', 'ANSIBLE_RANGE'],
    ['a range without end', '[cas]\nh[1:9999][1:9999]\n', 'hosts', 'ANSIBLE_RANGE'],
    [
      'aliases that expand without end',
      `all: { vars: { a: &a [x], b: [${'*a, '.repeat(200)}*a] } }`,
      'h.yml',
      'ANSIBLE_INVALID',
    ],
  ])('refuses %s', (_what, text, file, code) => {
    expect(() => readAnsible(text, file)).toThrowError(expect.objectContaining({ code, exitCode: 3 }))
  })

  it('names the line', () => {
    expect(() => readAnsible('[cas]\nok\nx y\n', 'hosts')).toThrowError(/hosts:3: a host and key=value/)
  })
})
