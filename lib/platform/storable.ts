/** Whether PostgreSQL takes `text`: all but NUL. */
export const isStorable = (text: string): boolean => !text.includes("\0");
