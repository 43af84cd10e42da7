import { z } from 'zod'

type Schema = z.core.$ZodType

/** The parts of zod's definitions that are walked here. */
interface Definition {
  type: string
  innerType?: Schema
  in?: Schema
  getter?: () => Schema
  shape?: Record<string, Schema>
  element?: Schema
  valueType?: Schema
  items?: Schema[]
  options?: Schema[]
  left?: Schema
  right?: Schema
}

function definition(schema: Schema): Definition {
  return schema._zod.def as unknown as Definition
}

/** What may stand at `path` of a value that fits `schema`: several where it is a union. */
export function schemasAt(schema: Schema, path: readonly PropertyKey[]): Schema[] {
  const [step, ...rest] = path
  if (step === undefined) return [schema]
  return branches(schema).flatMap(branch => {
    const { type, shape, element, valueType, items } = definition(branch)
    const next =
      type === 'object'
        ? shape?.[String(step)]
        : type === 'array'
          ? element
          : type === 'record'
            ? valueType
            : type === 'tuple'
              ? items?.[Number(step)]
              : undefined
    return next === undefined ? [] : schemasAt(next, rest)
  })
}

/** The schema without its optional, default, pipe and lazy shells; each branch of a union. */
function branches(schema: Schema): Schema[] {
  const { innerType, in: input, getter, options, left, right } = definition(schema)
  const inner = innerType ?? input ?? getter?.()
  if (inner !== undefined) return branches(inner)
  if (options !== undefined) return options.flatMap(branches)
  if (left !== undefined && right !== undefined) return [...branches(left), ...branches(right)]
  return [schema]
}

/** The keys that a mapping at `path` may have. */
export function keysAt(schema: Schema, path: readonly PropertyKey[]): string[] {
  const objects = schemasAt(schema, path).flatMap(branches)
  return [...new Set(objects.flatMap(object => Object.keys(definition(object).shape ?? {})))]
}

/** The examples given with `.meta({ examples })`, on the schema at `path` or on what it wraps. */
export function examplesAt(schema: Schema, path: readonly PropertyKey[]): unknown[] {
  return schemasAt(schema, path).flatMap(examplesOf)
}

function examplesOf(schema: Schema): unknown[] {
  const { examples } = z.globalRegistry.get(schema as z.ZodType) ?? {}
  if (Array.isArray(examples)) return examples
  const { innerType, in: input, options } = definition(schema)
  const inner = innerType ?? input
  return inner !== undefined ? examplesOf(inner) : (options ?? []).flatMap(examplesOf)
}
