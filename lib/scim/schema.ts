/** The schema of a user (RFC 7643, 4.1). */
export const userUrn = "urn:ietf:params:scim:schemas:core:2.0:User";
/** What companies say of a user besides (RFC 7643, 4.3). */
export const enterpriseUrn = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
/** The schema of a group (RFC 7643, 4.2). */
export const groupUrn = "urn:ietf:params:scim:schemas:core:2.0:Group";

/** An attribute as `/Schemas` tells of it and as messages are read by it (RFC 7643, 7). */
export interface Attribute {
  readonly name: string;
  readonly type: "string" | "boolean" | "dateTime" | "reference" | "complex";
  readonly description: string;
  readonly multiValued?: true;
  readonly required?: true;
  readonly caseExact?: true;
  readonly mutability?: "readOnly" | "readWrite" | "immutable";
  readonly returned?: "always" | "default";
  readonly uniqueness?: "none" | "server";
  readonly canonicalValues?: readonly string[];
  readonly referenceTypes?: readonly string[];
  readonly subAttributes?: readonly Attribute[];
}

/** A schema: the URN it goes by, and what it holds. */
export interface Schema {
  readonly id: string;
  readonly name: string;
  readonly description: string;
  readonly attributes: readonly Attribute[];
}

/** What every resource has; these stand in no schema (RFC 7643, 3.1). */
export const commonAttributes: readonly Attribute[] = [
  {
    name: "id",
    type: "string",
    description: "Our id.",
    caseExact: true,
    mutability: "readOnly",
    returned: "always",
    uniqueness: "server",
  },
  { name: "externalId", type: "string", description: "The client's id.", caseExact: true },
  {
    name: "meta",
    type: "complex",
    description: "When it was made and changed.",
    mutability: "readOnly",
    subAttributes: [
      { name: "resourceType", type: "string", description: "The type.", mutability: "readOnly" },
      { name: "created", type: "dateTime", description: "When it was made.", mutability: "readOnly" },
      { name: "lastModified", type: "dateTime", description: "When it changed.", mutability: "readOnly" },
      { name: "location", type: "reference", description: "Where it is.", mutability: "readOnly" },
      { name: "version", type: "string", description: "Its ETag.", mutability: "readOnly" },
    ],
  },
];

const userSchema: Schema = {
  id: userUrn,
  name: "User",
  description: "A person who may be given emergency access.",
  attributes: [
    {
      name: "userName",
      type: "string",
      description: "The login: what the person types at a sign-in.",
      required: true,
      uniqueness: "server",
    },
    {
      name: "name",
      type: "complex",
      description: "The parts of the name.",
      subAttributes: [
        { name: "familyName", type: "string", description: "The family name." },
        { name: "givenName", type: "string", description: "The given name." },
      ],
    },
    {
      name: "displayName",
      type: "string",
      description: "The name as staff read it; made of its parts where it isn't given.",
    },
    { name: "title", type: "string", description: "What the person does." },
    { name: "preferredLanguage", type: "string", description: "In which texts and calls are (BCP 47)." },
    { name: "timezone", type: "string", description: "The person's time zone (IANA)." },
    {
      name: "active",
      type: "boolean",
      description: "Whether the person may sign in; false ends all emergency access at once.",
    },
    {
      name: "emails",
      type: "complex",
      multiValued: true,
      description: "One address is kept: the primary one, else that of type work, else the first.",
      subAttributes: [
        { name: "value", type: "string", description: "The address." },
        { name: "type", type: "string", description: "Always work.", canonicalValues: ["work"] },
        { name: "primary", type: "boolean", description: "Always true." },
      ],
    },
    {
      name: "phoneNumbers",
      type: "complex",
      multiValued: true,
      description: "The mobile number takes texts, the work number calls; others aren't kept.",
      subAttributes: [
        { name: "value", type: "string", description: "With + and the country's code." },
        { name: "type", type: "string", description: "What it is for.", canonicalValues: ["mobile", "work"] },
      ],
    },
    {
      name: "groups",
      type: "complex",
      multiValued: true,
      mutability: "readOnly",
      description: "The groups that the person is in.",
      subAttributes: [
        { name: "value", type: "string", description: "The group's id.", mutability: "readOnly" },
        {
          name: "$ref",
          type: "reference",
          referenceTypes: ["Group"],
          description: "Where the group is.",
          mutability: "readOnly",
        },
        { name: "display", type: "string", description: "The group's name.", mutability: "readOnly" },
      ],
    },
  ],
};

const enterpriseSchema: Schema = {
  id: enterpriseUrn,
  name: "EnterpriseUser",
  description: "What a company says of a person besides.",
  attributes: [
    { name: "employeeNumber", type: "string", description: "The number of the employee." },
    { name: "department", type: "string", description: "The department." },
    {
      name: "manager",
      type: "complex",
      description: "Whom the person reports to; nobody where the id is of no user here.",
      subAttributes: [
        { name: "value", type: "string", description: "The manager's id.", caseExact: true },
        {
          name: "$ref",
          type: "reference",
          referenceTypes: ["User"],
          description: "Where the manager is.",
        },
        { name: "displayName", type: "string", description: "The manager's name.", mutability: "readOnly" },
      ],
    },
  ],
};

const groupSchema: Schema = {
  id: groupUrn,
  name: "Group",
  description: "A group of users, by whose name the policy is chosen.",
  attributes: [
    {
      name: "displayName",
      type: "string",
      description: "The name.",
      required: true,
      uniqueness: "server",
    },
    {
      name: "members",
      type: "complex",
      multiValued: true,
      description: "Who is in it: users only.",
      subAttributes: [
        {
          name: "value",
          type: "string",
          description: "The user's id.",
          caseExact: true,
          mutability: "immutable",
        },
        {
          name: "$ref",
          type: "reference",
          referenceTypes: ["User"],
          description: "Where the user is.",
          mutability: "immutable",
        },
        { name: "display", type: "string", description: "The user's name.", mutability: "readOnly" },
        {
          name: "type",
          type: "string",
          description: "Always User.",
          canonicalValues: ["User"],
          mutability: "immutable",
        },
      ],
    },
  ],
};

/** Every schema, in the order of `/Schemas`. */
export const schemas: readonly Schema[] = [userSchema, enterpriseSchema, groupSchema];

/** A kind of resource (RFC 7643, 6). */
export interface ResourceType {
  readonly name: "User" | "Group";
  readonly endpoint: "/Users" | "/Groups";
  readonly description: string;
  readonly schema: Schema;
  readonly extension?: Schema;
}

/** Users. */
export const userType: ResourceType = {
  name: "User",
  endpoint: "/Users",
  description: userSchema.description,
  schema: userSchema,
  extension: enterpriseSchema,
};

/** Groups. */
export const groupType: ResourceType = {
  name: "Group",
  endpoint: "/Groups",
  description: groupSchema.description,
  schema: groupSchema,
};

/** Every kind of resource. */
export const resourceTypes = [userType, groupType] as const;

/** Finds the attribute that goes by `name`, whatever its case (RFC 7643, 2.1). */
export function findAttribute(attributes: readonly Attribute[], name: string): Attribute | undefined {
  const wanted = name.toLowerCase();
  return attributes.find((attribute) => attribute.name.toLowerCase() === wanted);
}
