import { z } from 'zod'
import { diagnosisSchema } from '../diagnosis/json-schema.js'
import { runEventSchema } from '../events/schema.js'
import { inventorySchema } from '../inventory/schema.js'
import { playbookSchema } from '../playbook/schema.js'

/** What a schema is published of: the words of `exroll schema`, and the names of the files in `schemas/`. */
export const schemaNames = ['inventory', 'playbook', 'events', 'diagnosis'] as const
export type SchemaName = (typeof schemaNames)[number]

const definitions: Record<SchemaName, z.ZodType> = {
  inventory: inventorySchema,
  playbook: playbookSchema,
  events: runEventSchema,
  diagnosis: diagnosisSchema,
}

/**
 * The JSON Schema made from the definition that the checks use, as text with a line end. Draft 7, which every editor and validator
 * reads. It describes what is written: durations are text, and keys with a default may be left out.
 */
export function jsonSchemaText(name: SchemaName): string {
  return `${JSON.stringify(z.toJSONSchema(definitions[name], { io: 'input', target: 'draft-7' }), null, 2)}\n`
}
