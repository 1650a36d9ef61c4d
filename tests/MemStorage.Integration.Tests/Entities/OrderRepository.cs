using MemStorage.Typed;

namespace MemStorage.Integration.Tests.Entities;

// As the generator writes it for Order.

/// <summary>The typed repository of <see cref="Order"/>.</summary>
public sealed partial class OrderRepository : global::MemStorage.MemStorageRepository<int, Order, OrderRepository.Traits>
{
    /// <summary>Creates the repository; <c>store.Orders()</c> gives the one of a store.</summary>
    public OrderRepository(global::MemStorage.MemStore store)
        : base(store)
    {
    }

    /// <summary>The live entities with this <see cref="Order.Customer"/>.</summary>
    public IEnumerable<Order> FindByCustomer(string customer) =>
        FindByIndex(0, customer, static (ref IndexKeyWriter writer, string value) => writer.Write(value));

    /// <summary>The live entities with this <see cref="Order.Total"/>.</summary>
    public IEnumerable<Order> FindByTotal(decimal total) =>
        FindByIndex(1, total, static (ref IndexKeyWriter writer, decimal value) => writer.Write(value));

    /// <summary>The live entities whose <see cref="Order.Total"/> is in a range, both ends included, in ascending order.</summary>
    public IEnumerable<Order> FindTotalBetween(decimal from, decimal to) =>
        FindByIndexBetween(1, from, to, static (ref IndexKeyWriter writer, decimal value) => writer.Write(value));

    /// <summary>What the repository knows about <see cref="Order"/>.</summary>
    public readonly struct Traits : IEntityTraits<int, Order>
    {
        /// <inheritdoc/>
        public static EntityDescriptor Descriptor { get; } = new("MemStorage.Integration.Tests.Entities.Order")
        {
            Fingerprint = 0x2A5F_11C3u,
            HasVersion = true,
            Indexes = [new IndexDescriptor("Customer", Ordered: true), new IndexDescriptor("Total", Ordered: true)],
        };

        /// <inheritdoc/>
        public static int GetKey(in Order entity) => entity.Id;

        /// <inheritdoc/>
        public static void WriteKey(ref KeyWriter writer, int key) => writer.Write(key);

        /// <inheritdoc/>
        public static bool TryReadKey(ref KeyReader reader, out int key) => reader.TryRead(out key);

        /// <inheritdoc/>
        public static long GetVersion(in Order entity) => entity.Version;

        /// <inheritdoc/>
        public static void SetVersion(ref Order entity, long version) => entity.Version = version;

        /// <inheritdoc/>
        public static void WriteIndexKey(int index, ref IndexKeyWriter writer, in Order entity)
        {
            switch (index)
            {
                case 0:
                    writer.Write(entity.Customer);
                    break;
                case 1:
                    writer.Write(entity.Total);
                    break;
            }
        }
    }
}

/// <summary>Gives the <see cref="OrderRepository"/> of a store.</summary>
public static class OrderMemStoreExtensions
{
    /// <summary>The repository of <see cref="Order"/> over this store; always the same.</summary>
    public static OrderRepository Orders(this global::MemStorage.MemStore store) => store.GetRepository(static store => new OrderRepository(store));
}
