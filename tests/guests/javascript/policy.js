// Charges every Job to a cost centre, and sends each task to the nodes that the cost centre pays for.

import metadata from "mlcube:policy/metadata@0.1.0";
import scheduling from "mlcube:policy/scheduling@0.1.0";
import settings from "mlcube:policy/settings@0.1.0";
import task from "mlcube:policy/task@0.1.0";

const schema = {
  type: "object",
  required: ["cost-centre"],
  properties: {
    "cost-centre": { description: "Who pays.", type: "string", pattern: "^[a-z]+-[0-9]+$" },
    nodes: {
      description: "Task name to the node labels that it needs.",
      type: "object",
      additionalProperties: { type: "object", additionalProperties: { type: "string" } },
    },
    "break-in": { description: "Only tests set it: the call that fails.", type: "string" },
  },
  additionalProperties: false,
};

export const policy = {
  describe() {
    return {
      name: "cost-centre",
      version: "0.1.0",
      summary: "Charges every Job to a cost centre, and sends its task to nodes that are paid for.",
      settingsSchema: JSON.stringify(schema),
    };
  },

  validateSettings() {
    breakIn("validate-settings");
    const { nodes = {} } = read();
    const empty = Object.keys(nodes).find((name) => Object.keys(nodes[name]).length === 0);
    if (empty !== undefined) {
      throw `task \`${empty}\` has no node label: leave it out`;
    }
  },

  review() {
    breakIn("review");
    const { "cost-centre": centre, nodes = {} } = read();
    if (task.cube() === "") {
      return reject("no cube stands behind this Job, so nobody pays for it", "run it with `mlcube-k8s run`");
    }
    try {
      metadata.setAnnotation("example.org/cost-centre", centre, "finance bills by cost centre");
      for (const [key, value] of Object.entries(nodes[task.name()] ?? {})) {
        scheduling.requireNodeLabel(key, value, `\`${centre}\` pays for these nodes`);
      }
    } catch (error) {
      const refusal = error.payload;
      // What is no refusal is a mistake of this policy: it ends the review.
      if (refusal === undefined) throw error;
      return reject(`${refusal.what}: ${refusal.why}`);
    }
    return { tag: "admit" };
  },
};

function read() {
  return JSON.parse(settings.read(""));
}

function breakIn(call) {
  if (read()["break-in"] === call) {
    throw new RangeError(`no rule for ${call}`);
  }
}

function reject(reason, remedy = null) {
  return { tag: "reject", val: { reason, remedy } };
}
