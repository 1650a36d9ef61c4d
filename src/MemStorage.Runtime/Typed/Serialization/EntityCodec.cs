using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using MemoryPack;

namespace MemStorage.Typed;

/// <summary>
/// Entity to stored bytes and back.
/// <code>
/// 0        4
/// +--------+- - - - -+----------------------+
/// | header | slots   | MemoryPack payload   |     header, little endian:  31       30      29 ... 0
/// +--------+- - - - -+----------------------+                             tolerant fixed   fingerprint
/// </code>
/// <b>tolerant</b>: written by a version-tolerant entity, so that other shapes of it can be read; the <see cref="ShapeSlots"/> that say which
/// follow. <b>fixed</b>: the record was given a life of its
/// own; reads do not prolong it. The header also makes every value non-empty: an empty one would be a tombstone.
/// </summary>
internal static class EntityCodec<TEntity>
    where TEntity : IMemoryPackable<TEntity>
{
    public const int HeaderLength = 4;

    private const uint Tolerant = 1u << 31;
    private const uint Fixed = 1u << 30;
    private const uint FingerprintMask = Fixed - 1;

    /// <summary>
    /// Whether the entity's own code is called, as MemoryPack does for members, rather than the formatter registered for its type. Not for unmanaged structs: MemoryPack copies their memory.
    /// </summary>
    private static bool IsDirect => RuntimeHelpers.IsReferenceOrContainsReferences<TEntity>() && SerializerState.IsKnown;

    /// <summary>
    /// Registers the entity's formatter without reflection, so that trimming cannot lose it. Called by every repository; not a static constructor, whose check every call
    /// would pay for in code that is shared between entities.
    /// </summary>
    public static void Register() => MemoryPackFormatterProvider.Register<TEntity>();

    /// <summary>Appends the stored form of an entity. When the serializer throws, the buffer holds garbage and the store knows nothing of it.</summary>
    /// <exception cref="ArgumentException">The entity is of a derived type, of which MemoryPack would store the members of the base alone.</exception>
    public static void Encode(EntityBuffer buffer, in TEntity entity, EntityDescriptor descriptor, bool fixedLife)
    {
        if (!typeof(TEntity).IsValueType && entity!.GetType() != typeof(TEntity))
            ThrowDerived(entity);
        uint header = HeaderOf(descriptor) | (fixedLife ? Fixed : 0);
        BinaryPrimitives.WriteUInt32LittleEndian(buffer.GetSpan(HeaderLength), header);
        buffer.Advance(HeaderLength);
        if (descriptor.RecordSlots is { Length: > 0 } slots)
        {
            slots.CopyTo(buffer.GetSpan(slots.Length));
            buffer.Advance(slots.Length);
        }
        if (buffer.IsNested)
            EncodeNested(new EntityBufferWriter(buffer), entity);
        else if (IsDirect)
            EncodeDirect(buffer, entity);
        else
            MemoryPackSerializer.Serialize(new EntityBufferWriter(buffer), entity);
    }

    /// <summary>Decodes a stored record, in the thread's buffer or elsewhere; <paramref name="buffer"/> is held meanwhile.</summary>
    /// <returns>False when the record has another shape and cannot be read.</returns>
    public static bool TryDecode(EntityBuffer buffer, ReadOnlySpan<byte> stored, EntityDescriptor descriptor, [MaybeNullWhen(false)] out TEntity entity, out bool fixedLife)
    {
        // the case that is always but once
        if (BinaryPrimitives.TryReadUInt32LittleEndian(stored, out uint header) && ((header ^ HeaderOf(descriptor)) & ~Fixed) == 0)
        {
            fixedLife = (header & Fixed) != 0;
            entity = Decode(buffer, stored[PayloadOffset(descriptor)..]);
            return typeof(TEntity).IsValueType || entity is not null;
        }
        return TryDecodeOtherShape(buffer, stored, descriptor, out entity, out fixedLife);
    }

    [DoesNotReturn]
    private static void ThrowDerived(TEntity entity) => throw new ArgumentException(
        $"The entity is a '{entity!.GetType()}', but its repository stores '{typeof(TEntity)}': what the derived type adds would be lost. "
        + "Make the derived type an entity of its own, or hold a union of the types in a member.", nameof(entity));

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static bool TryDecodeOtherShape(EntityBuffer buffer, ReadOnlySpan<byte> stored, EntityDescriptor descriptor, [MaybeNullWhen(false)] out TEntity entity, out bool fixedLife)
    {
        if (!TryReadHeader(stored, descriptor, out _, out fixedLife) || !ShapeSlots.Agree(descriptor.RecordSlots, stored[HeaderLength..], out int slots))
        {
            entity = default;
            return false;
        }

        try
        {
            entity = Decode(buffer, stored[(HeaderLength + slots)..]);
            return typeof(TEntity).IsValueType || entity is not null;
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            // what tolerance does not cover after all (a constructor or a callback of the entity refuses what the other shape lacks): a miss, like any other shape
            entity = default;
            return false;
        }
    }

    /// <summary>The fields of the header.</summary>
    /// <returns>False when the record cannot be of this entity.</returns>
    public static bool TryReadHeader(ReadOnlySpan<byte> stored, EntityDescriptor descriptor, out bool sameShape, out bool fixedLife)
    {
        sameShape = fixedLife = false;
        if (!BinaryPrimitives.TryReadUInt32LittleEndian(stored, out uint header))
            return false;
        fixedLife = (header & Fixed) != 0;
        bool tolerant = (header & Tolerant) != 0;
        sameShape = (header & FingerprintMask) == (descriptor.Fingerprint & FingerprintMask) && tolerant == descriptor.VersionTolerant;
        return sameShape || (tolerant && descriptor.VersionTolerant);
    }

    /// <summary>Where the payload begins in a record of this very shape.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int PayloadOffset(EntityDescriptor descriptor) => HeaderLength + descriptor.RecordSlots.Length;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static uint HeaderOf(EntityDescriptor descriptor) => (descriptor.Fingerprint & FingerprintMask) | (descriptor.VersionTolerant ? Tolerant : 0);

    [UnconditionalSuppressMessage("Trimming", "IL2091", Justification = "The static constructor registered the entity's own formatter, so that MemoryPack does not look for it by reflection.")]
    private static TEntity? Decode(EntityBuffer buffer, ReadOnlySpan<byte> payload)
    {
        if (buffer.IsNested)
            return DecodeNested(payload);
        buffer.Hold();
        SerializerState? state = IsDirect ? buffer.State : null;
        try
        {
            if (state is null)
                return MemoryPackSerializer.Deserialize<TEntity>(payload);
            TEntity? entity = default;
            MemoryPackReader reader = new(payload, state.Reader);
            reader.ReadPackable(ref entity); // over one span it rents nothing: no disposal
            return entity;
        }
        finally
        {
            // whatever happens: a buffer that stays taken would make every later call of the thread allocate one
            state?.DoneReading();
            buffer.Release();
        }
    }

    private static void EncodeDirect(EntityBuffer buffer, in TEntity entity)
    {
        SerializerState state = buffer.State;
        EntityBufferWriter target = new(buffer);
        try
        {
            MemoryPackWriter<EntityBufferWriter> writer = new(ref target, state.Writer);
            writer.WritePackable(entity);
            writer.Flush();
        }
        finally
        {
            state.DoneWriting();
        }
    }

    // MemoryPack keeps one state per thread; a callback of an entity that reads or writes another one must not reset it
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void EncodeNested(EntityBufferWriter buffer, in TEntity entity)
    {
        using MemoryPackWriterOptionalState state = MemoryPackWriterOptionalStatePool.Rent(null);
        MemoryPackWriter<EntityBufferWriter> writer = new(ref buffer, state);
        MemoryPackSerializer.Serialize(ref writer, entity);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static TEntity? DecodeNested(ReadOnlySpan<byte> payload)
    {
        using MemoryPackReaderOptionalState state = MemoryPackReaderOptionalStatePool.Rent(null);
        MemoryPackReader reader = new(payload, state);
        try
        {
            return reader.ReadPackable<TEntity>();
        }
        finally
        {
            reader.Dispose();
        }
    }
}
