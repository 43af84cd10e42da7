export const hostFile: string
export const reasonFile: string
export function build(): string | undefined
