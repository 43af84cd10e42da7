import { Argument, type Command } from 'commander'
import type { CommandIo } from './io.js'
import { jsonSchemaText, type SchemaName, schemaNames } from './json-schemas.js'

export function register(program: Command, io: CommandIo): void {
  program
    .command('schema')
    .description('print a JSON Schema (draft 7): of inventories, playbooks, events, or of diagnose --json')
    .addArgument(new Argument('<name>', 'of what').choices(schemaNames))
    .addHelpText(
      'after',
      '\nThe first line of an inventory or playbook tells an editor where its schema is:\n  # yaml-language-server: $schema=../schemas/playbook.schema.json',
    )
    .action((name: SchemaName) => {
      io.stdout.write(jsonSchemaText(name))
    })
}
