// esbuild gives a lazily loaded CommonJS package no named exports; this file has them, and is loaded lazily.
export { Ajv, type ErrorObject, type Options, type ValidateFunction } from 'ajv';
export { Ajv2019 } from 'ajv/dist/2019.js';
export { Ajv2020 } from 'ajv/dist/2020.js';
export { default as addFormats } from 'ajv-formats';
