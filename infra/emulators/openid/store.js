// Where an issuer's provider keeps codes, tokens and sessions, so that they outlive its keys. Clients are read from
// what tests have set. Nothing is removed by age: the provider looks at the times itself, and the process is short-lived.
export class Store {
  #clients;
  #kept = new Map();

  constructor(clients) {
    this.#clients = clients;
  }

  // adapter is oidc-provider's interface to the things of one kind.
  adapter(model) {
    const kept = this.#kept;
    const key = (id) => `${model}/${id}`;
    const search = (wanted) => [...kept].find(([k, value]) => k.startsWith(`${model}/`) && wanted(value))?.[1];
    return {
      find: async (id) => (model === 'Client' ? this.#clients.get(id) : kept.get(key(id))),
      findByUid: async (uid) => search((value) => value.uid === uid),
      findByUserCode: async () => undefined,
      upsert: async (id, value) => { kept.set(key(id), value); },
      consume: async (id) => { kept.get(key(id)).consumed = Math.floor(Date.now() / 1000); },
      destroy: async (id) => { kept.delete(key(id)); },
      revokeByGrantId: async (grant) => {
        [...kept].filter(([k, value]) => k.startsWith(`${model}/`) && value.grantId === grant).forEach(([k]) => kept.delete(k));
      },
    };
  }
}
