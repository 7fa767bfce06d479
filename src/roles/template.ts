/** What stands in a new role until its owner has written something. */
export const TEMPLATE_PROMPT = 'Say here what the model is to be and how it is to answer.';

/** The text of a new role that begins with nothing. */
export const TEMPLATE = `---
description: what it is for, in a few words
# model: gpt-6-luna
# temperature: 0.2
# vars: {language: English}
---
${TEMPLATE_PROMPT}
`;
